/** The largest page that most lists give. */
export const PAGE_SIZE = 60;

/** Where a page begins, as most lists take it. */
export const from = (token: string | undefined) => (token === undefined ? {} : { NextToken: token });

/** The same for ListUsers and ListUserImportJobs. */
export const paginatedFrom = (token: string | undefined) => (token === undefined ? {} : { PaginationToken: token });

/** A value in a filter of ListUsers. */
export const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
