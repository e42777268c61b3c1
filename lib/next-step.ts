import type { Config } from './config.ts'
import type { Bank } from './invariant.ts'
import { inCommand, pathInCommand, quote } from './quote.ts'

// The one next thing to do, in one place, so that every report says the same.

/** `npm run up`, or with what follows it: `npm run reauth -- monzo --stack lab`. The stack z2 need not be named. */
function npmRun(script: string, words: string[], stack: string): string {
  const all = [...words, ...(stack === 'z2' ? [] : ['--stack', stack])]
  return ['npm run', script, ...(all.length > 0 ? ['--', ...all] : [])].join(' ')
}

/** Repairs what differs. */
export const upCommand = (stack: string): string => npmRun('up', [], stack)

/** Looks again, at everything or at one bank. */
export const look = (stack: string): string => npmRun('drift', [], stack)
export const ask = (bank: Bank, stack: string): string => npmRun('doctor', [bank], stack)

/** Everything on one screen. */
export const showStatus = (stack: string): string => npmRun('status', [], stack)

/** Have it looked at by itself, or see how that goes. */
export const installSchedule = (stack: string): string => npmRun('schedule', ['install'], stack)
export const showSchedule = (stack: string): string => npmRun('schedule', ['show'], stack)

/** Log in at the bank again; by force where a token file lies on the Mac already. */
export const logIn = (bank: Bank, stack: string, isForced = false): string =>
  npmRun('reauth', [bank, ...(isForced ? ['--force'] : [])], stack)

/** Bring a login that waits on the Mac to Z2. */
export const push = (bank: Bank, stack: string): string => npmRun('push', [bank], stack)

/** Look whether the poll is good, then finish what is left on the Mac. */
export const verify = (bank: Bank, stack: string): string => npmRun('verify', [bank], stack)

/** Tap the approval in the bank's app. */
export const approve = 'open the Monzo app and approve: the prompt sits in the feed. do not log in again'

/** The same with the poll that it makes good, and what is to be done after it; either may be empty. */
export const approveBefore = (poll: string, then: string): string =>
  [
    'open the Monzo app: the prompt sits in the feed',
    ...(poll ? [`the poll at ${poll} will succeed`] : []),
    ...(then ? [`then ${then}`] : []),
  ].join('. ')

/** Where the approval may have lapsed: look once more, and only then log in. */
export const lookInApp = (command: string): string =>
  `look through the feed of the Monzo app. no prompt there: ${command}`

/** Whether the poll itself is in order; its own words stand in the log. */
export const lookAtService = (config: Config, service: string): string =>
  inContainer(config, `systemctl show ${service} -p ActiveState -p Result -p ExecMainStatus`)

/** What systemd says of a bank's poll. */
export const serviceStatus = (config: Config, bank: Bank): string =>
  inContainer(config, `systemctl status bulma-poll-${bank}.service`)

/** `ssh hinata-z2 …` as a person would type it. */
export const sshAsTyped = ({ sshConfig, host }: Config): string =>
  sshConfig === undefined ? `ssh ${host}` : `ssh -F ${pathInCommand(sshConfig)} ${host}`

/** A command of plain words for CT109, as a person would type it here. */
export const inContainer = (config: Config, command: string): string =>
  `${sshAsTyped(config)} "pct exec ${config.containerId} -- ${command}"`

/**
 * A command for Z2 as a person would type it here. Two shells read it, the one here and the one there.
 * @param command its words quoted for the shell there
 */
export function onHost(config: Config, command: string): string {
  const isPlain = command.split(' ').every((word) => word !== '' && inCommand(word) === word)
  return `${sshAsTyped(config)} ${isPlain ? command : quote(command)}`
}
