import { join } from 'node:path'
import type { Contender } from '../contender.ts'
import { alias, alone, endMaster, type Way } from '../way.ts'

const look = (way: Way, options: string[]) => ({
  program: 'sh',
  args: [join(import.meta.dirname, 'runbook.sh')],
  cwd: way.folder,
  env: { SSH: ['ssh', ...options, alias].join(' '), MAC: join(way.folder, '.lab/home') },
})
const found = (out: string): string[] => out.match(/(?<=^differs ).+$/gm) ?? []
const codes = [0, 2]

/** One connection for each check. */
export const shell: Contender = {
  name: 'shell, one ssh a check',
  look: (way) => look(way, alone(way)),
  codes,
  found,
  forget: async () => {},
}

/** One connection, and one session for each check. */
export const shellOverMaster = (socket: string): Contender => ({
  name: 'shell over a ControlMaster',
  look: (way) => {
    const master = ['ControlMaster=auto', 'ControlPersist=60', `ControlPath=${socket}-%C`]
    return look(way, ['-F', way.sshConfig, ...master.flatMap((option) => ['-o', option])])
  },
  codes,
  found,
  forget: (way) => endMaster(way, `${socket}-%C`),
})
