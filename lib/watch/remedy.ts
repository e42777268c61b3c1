/** What ended a spell, where the history tells. */
export type Remedy = 'up' | 'login' | null

const texts = { up: ', mended by up', login: ', ended by a login' }

/** How the end of a spell goes on; empty where nobody knows what ended it. */
export const remedyText = (by: Remedy): string => (by === null ? '' : texts[by])
