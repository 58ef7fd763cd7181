/** How many there may be of what somebody creates (contract section 2): one more is `limit_reached`. */

/** campaigns that one user created */
export const MAX_CAMPAIGNS_PER_USER = 100;
/** per campaign */
export const MAX_MEMBERS = 500;
/** per campaign, of those that have not ended */
export const MAX_OPEN_SESSIONS = 200;
/** per campaign, in all */
export const MAX_SESSIONS = 2_000;
/** per session, of those that still admit somebody */
export const MAX_GOOD_INVITES = 200;
/** per session, in all */
export const MAX_INVITES = 2_000;
/** per session */
export const MAX_BANS = 1_000;
