export declare const NODES: readonly string[];
export declare function nodeOf(version: string): string | undefined;
