/** The largest page size of most lists. */
export const PAGE_SIZE = 60;

/** The input that selects a page, for most lists. */
export const from = (token: string | undefined) => (token === undefined ? {} : { NextToken: token });

/** The same for ListUsers and ListUserImportJobs. */
export const paginatedFrom = (token: string | undefined) => (token === undefined ? {} : { PaginationToken: token });

/** A value in a filter of ListUsers. */
export const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
