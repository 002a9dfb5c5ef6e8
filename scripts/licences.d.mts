export interface LockedPackage {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | undefined;
  readonly isDev: boolean;
}
export declare function lockedPackages(): readonly LockedPackage[];
export declare function licenceTable(): string;
export declare function printedTable(): string | undefined;
