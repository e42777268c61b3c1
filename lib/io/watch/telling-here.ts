import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Config } from '../../config.ts'

/** By which ways somebody is told on this machine, in a line; what would keep all of them silent. */
export function tellingHere({ watch }: Config): string {
  const { desktop, ntfy, webhook, command } = watch.notify
  const program = process.platform === 'darwin' ? 'osascript' : 'notify-send'
  const hasDesktop = desktop && isOnPath(program)
  const ways = [
    ...(hasDesktop ? [`desktop (${program})`] : []),
    ...(ntfy ? ['ntfy'] : []),
    ...(webhook ? ['webhook'] : []),
    ...(command ? [`command (${command})`] : []),
  ]
  if (ways.length > 0) return `told by ${ways.join(', ')}`
  const why = desktop ? `there is no ${program} here` : 'no way is set'
  return `nobody would be told: ${why}. set bulma:watch.notify, see --help`
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false // not there, or not ours to run: the next folder may have it
    }
  })
}
