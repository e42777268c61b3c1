import type { Config } from '../lib/config.ts'
import type { Declaration } from '../lib/invariant.ts'
import { ct109 } from './ct109.ts'
import { mac } from './mac.ts'
import { z2 } from './z2.ts'

/** What must be true with this configuration: the container first, since most hangs on it. */
export const declare = (config: Config): Declaration => ({
  config,
  invariants: [...ct109(config), ...z2(config), ...mac()],
})
