import type { SshSetting } from './ssh-setting.ts'
import { type SshTokens, withTokens } from './ssh-token.ts'

/** A program whose standard input and output are the connection to the host. */
export type ProxyProgram = { program: string; words: string[] }

/** No terminal to ask on, none of our masters to leave behind; a jump that froze is noticed as Z2 itself is. */
const jumpOptions = [
  'BatchMode=yes',
  'ConnectTimeout=5',
  'ServerAliveInterval=3',
  'ServerAliveCountMax=3',
  'ControlMaster=no',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
]

// What ssh lets into a proxy's command line: no character that a shell would take for more than a name.
const isPlain = (text: string): boolean => /^[A-Za-z0-9_.:%@][A-Za-z0-9_.:%@-]*$/.test(text)

/**
 * How ssh gets to a host that is behind another: ProxyJump as `ssh -W`, ProxyCommand in the person's shell, as ssh does
 * both (ssh_config(5)).
 * @param shell the person's login shell
 * @returns null where ssh connects directly; `lacks` where only ssh knows what is meant
 */
export function proxyOf(
  setting: SshSetting,
  tokens: SshTokens,
  sshConfig: string | undefined,
  shell: string,
): ProxyProgram | null | { lacks: string } {
  if (setting.proxyjump !== null) return jumpOf(setting.proxyjump, setting, sshConfig)
  if (setting.proxycommand === null) return null
  const command = withTokens(setting.proxycommand, tokens)
  if (command === null || ![setting.hostname, setting.user].every(isPlain))
    return { lacks: 'only ssh can read the ProxyCommand that is set' }
  return { program: shell, words: ['-c', `exec ${command}`] }
}

function jumpOf(
  jumps: string,
  { hostname, port }: SshSetting,
  sshConfig: string | undefined,
): ProxyProgram | { lacks: string } {
  const hops = jumps.split(',')
  const parts = /^(?:ssh:\/\/)?(?:(.*)@)?(?:\[([^\]]+)\]|([^:@/]+))(?::(\d+))?\/?$/.exec(hops.at(-1) ?? '')
  const [, user, address, name, jumpPort] = parts ?? []
  const host = address ?? name
  if (host === undefined) return { lacks: 'only ssh can read the ProxyJump that is set' }
  const before = hops.slice(0, -1).join(',')
  return {
    program: 'ssh',
    words: [
      ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
      ...jumpOptions.flatMap((option) => ['-o', option]),
      ...(user === undefined ? [] : ['-l', user]),
      ...(jumpPort === undefined ? [] : ['-p', jumpPort]),
      ...(before === '' ? [] : ['-J', before]),
      '-W',
      `[${hostname}]:${port}`,
      '--',
      host,
    ],
  }
}
