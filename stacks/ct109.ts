import type { Config } from '../lib/config.ts'
import type { Bank, Invariant } from '../lib/invariant.ts'

// CT109: what must be true. Same order and words as docs/runbook.

const timer = (bank: Bank, why: string, everyMinutes: number): Invariant => ({
  id: `ct109/timer/bulma-poll-${bank}.timer`,
  place: 'ct109',
  kind: 'timer',
  name: `bulma-poll-${bank}.timer`,
  chain: bank,
  bank,
  service: `bulma-poll-${bank}.service`,
  everyMinutes,
  why,
  runbook: `${bank}#timer`,
})

const lastPoll = (bank: Bank): Invariant => ({
  id: `ct109/last-poll/${bank}`,
  place: 'ct109',
  kind: 'last-poll',
  name: bank,
  chain: bank,
  bank,
  service: `bulma-poll-${bank}.service`,
  timer: `bulma-poll-${bank}.timer`,
  log: `poll-${bank}.log`,
  why: 'a timer alone proves nothing: only a good poll does',
  runbook: `${bank}#verify`,
})

/** Everything that must hold in and of CT109. */
export const ct109 = (config: Config): Invariant[] => [
  {
    id: `ct109/container-identity/${config.containerName}`,
    place: 'ct109',
    kind: 'container-identity',
    name: config.containerName,
    chain: 'person',
    why: 'what is done in another container would harm somebody else',
    runbook: 'monzo#container',
  },
  {
    id: `ct109/container/${config.containerId}`,
    place: 'ct109',
    kind: 'container',
    name: String(config.containerId),
    chain: 'container',
    why: 'both pollers live in it',
    runbook: 'monzo#container',
  },
  {
    id: `ct109/address/${config.containerAddress}`,
    place: 'ct109',
    kind: 'address',
    name: config.containerAddress,
    chain: 'address',
    address: config.containerAddress,
    why: 'the banks and the router know the pollers by this address',
    runbook: 'monzo#address',
  },
  {
    id: `ct109/bind-mount${config.containerDataDir}`,
    place: 'ct109',
    kind: 'bind-mount',
    name: config.containerDataDir,
    chain: 'container',
    why: 'ct109 reads and rotates its tokens only there',
    runbook: 'truelayer#bind-mount',
  },
  timer('monzo', 'transactions stop advancing without it', config.thresholds.pollMinutes),
  timer('truelayer', 'a report shows £0 without it', config.thresholds.pollMinutes),
  lastPoll('monzo'),
  lastPoll('truelayer'),
]
