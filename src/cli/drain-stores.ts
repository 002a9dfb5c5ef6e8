import type { DrainStore } from '../operate/drain/drain-types.js';
import { createFileDrainStore } from '../operate/drain/stores/file-drain-store.js';
import type { StoreAddress } from './options/store-address.js';

export interface OpenDrainStores {
  readonly stores: readonly DrainStore[];
  readonly close: () => void;
}

export function openDrainStores(_option: string, addresses: readonly StoreAddress[]): OpenDrainStores {
  return { stores: addresses.map(({ name }) => createFileDrainStore({ path: name })), close: () => {} };
}
