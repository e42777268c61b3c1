/** The lab of this run: the real one, or the simulation. */
export const isReal = process.env.BULMA_LAB === 'real'

/** `npm run test:faults`, which tries every case; other runs try some of those that are many. */
export const isAll = process.env.BULMA_FAULTS === 'all'
