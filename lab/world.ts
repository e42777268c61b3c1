/** z2: the Proxmox host, ct109: the container, mac: the home folder of the person */
export type Side = 'z2' | 'ct109' | 'mac'

/**
 * What a fault may do to a lab, whichever kind it is. Paths are absolute as that side sees them; on the Mac they count from the
 * home folder. Nothing here throws because a thing is already so: faults lie on top of each other.
 */
export type World = {
  now(): Date
  /** undefined when there is no such file */
  read(side: Side, path: string): string | undefined
  /** creates the folders above; `owner` is a numeric uid, the host's root when absent; `at` becomes the mtime */
  write(side: Side, path: string, text: string, how?: { mode?: number; owner?: number; at?: Date }): void
  folder(side: Side, path: string, mode?: number): void
  link(side: Side, path: string, target: string): void
  /** files, links or whole folders */
  remove(side: Side, ...paths: string[]): void
  chmod(side: Side, path: string, mode: number): void
  own(side: Side, path: string, uid: number): void
  systemctl(side: 'z2' | 'ct109', ...words: string[]): void
  pct(...words: string[]): void
  /** what is mounted at a folder of the container, without asking its configuration; undefined: nothing */
  bind(path: string, from: string | undefined): void
  /** mounts something foreign over a path in the container, or takes it away */
  cover(path: string, covered: boolean): void
  /** the address that the container has now, without asking its configuration */
  address(address: string): void
  /** a service that has been running since now and ends by itself; 0 seconds: it ends at once */
  run(side: 'z2' | 'ct109', service: string, seconds: number): void
  /** the outcome of a service's last run, as `systemctl show` would tell it */
  ended(service: string, outcome: 'success' | 'exit-code', at: Date): void
  /** what the simulated bank answers at the next poll */
  bank(bank: Bank, answers: BankAnswer): void
  /** the tokens in the file on Z2 are those of a login that the simulated bank knows */
  adopt(bank: Bank): void
  /** an active timer that has nothing to elapse for */
  exhaust(timer: string): void
  /** faults of the host itself or of the way to it; `text` is what the switch needs to know */
  turn(name: Switch, on: boolean, text?: string): void
  /** what the above only noted is done after this, in their order, and then what the banks are told */
  settle(): Promise<void>
}

export type Bank = 'monzo' | 'truelayer'
export type BankAnswer = 'healthy' | 'dead' | 'pending' | 'unreachable'

export const switches = [
  'port-refused',
  'host-key',
  'cut-output',
  'noisy-shell',
  'slow',
  'black-hole',
  'pct-missing',
  'pct-hangs',
  'repair-fails-enable',
  'repair-fails-chmod',
  'repair-fails-legacy-morning',
  'repair-fails-legacy-evening',
] as const
export type Switch = (typeof switches)[number]

/** One thing that can be wrong with a lab. `break` plants it, `mend` brings that piece back to the healthy default. */
export type Fault = {
  name: string
  /** one line: what a person would find */
  says: string
  /** the kind of invariant it breaks, `look` for what keeps one from looking, `repair` for what keeps one from repairing */
  kind: string
  plant(world: World): void
  mend(world: World): void
}
