import type { Interval } from './interval.ts'

/** What the schedule runs. All paths are absolute. */
export type Job = {
  stack: string
  host: string
  interval: Interval
  /** the program that runs the script, by its own path: a schedule has no npm */
  node: string
  project: string
  /** PATH of who installed it, for ssh and what its configuration starts; HOME and the agent's socket come from the session */
  path: string
  /** where launchd writes what the look prints; systemd has a journal for it */
  log: string
}

/** Where a schedule lies: of the last two the XDG base directories. */
export type Home = { home: string; uid: number; configHome: string; dataHome: string }

/** A command; whether it may fail, as one that ends what may not be there; how often it is tried, half a second apart. */
export type Order = { command: string[]; mayFail: boolean; tries: number }

/** Everything about one schedule on one kind of machine, as data. */
export type Plan = {
  files: { path: string; text: string }[]
  /** is this program there, it must find the files good before anything is installed; their paths follow it */
  check: string[]
  /** must end with 0, or this machine has no such scheduler for this person */
  probe: string[]
  start: Order[]
  stop: Order[]
  /** once the files are gone */
  forget: Order[]
  /** ends with 0 while it is installed and awake */
  isLive: string[]
  /** has it look at once */
  runNow: string[]
  /** what it leaves behind itself */
  traces: string[]
  /** where what it prints can be read */
  says: string
  /** folders that are removed when they are empty, since installing may have made them */
  folders: string[]
}

/** The command of a job. */
export const jobCommand = ({ node, project, stack }: Job): string[] => [
  node,
  `${project}/scripts/watch.ts`,
  '--stack',
  stack,
]

export const must = (...command: string[]): Order => ({ command, mayFail: false, tries: 1 })
export const may = (...command: string[]): Order => ({ command, mayFail: true, tries: 1 })
