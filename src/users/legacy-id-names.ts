/** The new pool's attribute that holds the legacy id, unless an option names another. ID tokens carry it under the same name. */
export const DEFAULT_ATTRIBUTE = 'custom:legacy_sub';

/** The claim of access tokens that holds the legacy id, unless an option names another. These tokens carry no attributes. */
export const DEFAULT_ACCESS_TOKEN_CLAIM = 'legacy_sub';
