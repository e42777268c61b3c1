import * as z from 'zod/mini'

const words = z.pipe(
  z.optional(z.string()),
  z.transform((line: string | undefined) => line?.split(/[ ,]+/).filter(Boolean) ?? []),
)
const yes = z.pipe(
  z.optional(z.string()),
  z.transform((word: string | undefined) => word === 'yes' || word === 'true'),
)
// `none` is ssh's own word for "not this"
const unlessNone = z.pipe(
  z.optional(z.string()),
  z.transform((line: string | undefined) => (line === undefined || line === 'none' ? null : line)),
)

const shape = z.object({
  hostname: z.string().check(z.minLength(1)),
  port: z.coerce.number().check(z.int(), z.gte(1), z.lte(65_535)),
  user: z.string().check(z.minLength(1)),
  addressfamily: z.optional(z.string()),
  hostkeyalias: unlessNone,
  userknownhostsfile: unlessNone,
  globalknownhostsfile: unlessNone,
  knownhostscommand: unlessNone,
  revokedhostkeys: unlessNone,
  identitiesonly: yes,
  // `none` is told apart from "not set", which means SSH_AUTH_SOCK
  identityagent: z.optional(z.string()),
  pubkeyauthentication: z.optional(z.string()),
  proxyjump: unlessNone,
  proxycommand: unlessNone,
  proxyusefdpass: yes,
  bindaddress: unlessNone,
  bindinterface: unlessNone,
  hostkeyalgorithms: words,
  kexalgorithms: words,
  ciphers: words,
  macs: words,
})

/** What ssh would do for one host: the keywords of ssh_config(5) that matter here, and each IdentityFile, unexpanded. */
export type SshSetting = z.infer<typeof shape> & { identityfile: string[] }

/**
 * Reads what `ssh -G HOST` printed: a keyword and its value on each line.
 * @returns null when it is not the answer of an ssh
 */
export function parseSshSetting(out: string): SshSetting | null {
  const lines = out.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(' ')
    return at > 0 ? [[line.slice(0, at).toLowerCase(), line.slice(at + 1)]] : []
  })
  const result = shape.safeParse(Object.fromEntries(lines))
  if (!result.success) return null
  return {
    ...result.data,
    identityfile: lines.flatMap(([name, value]) => (name === 'identityfile' ? [value] : [])),
  }
}

/** Why only ssh itself can go there as it is told to, in one clause; null when ssh2 can too. */
export function sshOnly(setting: SshSetting): string | null {
  if (setting.pubkeyauthentication === 'no' || setting.pubkeyauthentication === 'false')
    return 'ssh is told to log in without keys there'
  if (setting.revokedhostkeys !== null) return 'only ssh can read the RevokedHostKeys that are set'
  if (setting.proxyusefdpass) return 'the proxy on the way hands over a socket, which only ssh can take'
  if (setting.bindaddress !== null || setting.bindinterface !== null)
    return 'ssh is told which of the addresses here to go out from'
  return null
}
