import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../../lib/config.ts'
import { algorithmsFor } from '../../../lib/login/ssh-algorithm.ts'
import { identitiesOf, type KeyFile } from '../../../lib/login/ssh-identity.ts'
import {
  judgeHostKey,
  namesOf,
  type PublicKey,
  parseFound,
  typeOf,
} from '../../../lib/login/ssh-known-host.ts'
import { lackOf } from '../../../lib/login/ssh-lack.ts'
import { proxyOf } from '../../../lib/login/ssh-proxy.ts'
import { parseSshSetting, type SshSetting, sshOnly } from '../../../lib/login/ssh-setting.ts'
import { parseStageReply } from '../../../lib/login/ssh-stage.ts'
import { fileFault, folderFault, stagingOwners, stagingPath } from '../../../lib/login/ssh-staging.ts'
import { expandPath, type Here, pathsIn, tokensOf, withTokens } from '../../../lib/login/ssh-token.ts'

// of OpenSSH 9.2 and 9.9, shortened to a line of each kind
const captured = `host hinata-z2
user root
hostname 192.168.1.10
port 22
addressfamily any
identitiesonly no
proxyusefdpass no
pubkeyauthentication true
ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com
hostkeyalgorithms ssh-ed25519-cert-v01@openssh.com,ssh-ed25519,rsa-sha2-512,rsa-sha2-256
kexalgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,ecdh-sha2-nistp256
macs umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com
identityfile ~/.ssh/id_rsa
identityfile ~/.ssh/id ed25519
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile /Users/nnamdi/.ssh/known_hosts /Users/nnamdi/.ssh/known_hosts2
controlpersist no
`
const setting = (more: Partial<SshSetting> = {}): SshSetting => {
  const parsed = parseSshSetting(captured)
  if (parsed === null) throw new Error('it cannot be read')
  return { ...parsed, ...more }
}
const here: Here = {
  home: '/Users/nnamdi',
  user: 'nnamdi',
  uid: 501,
  machine: 'mac.lan',
  environment: { KEYS: '/keys' },
}
const tokens = tokensOf('hinata-z2', setting(), here)

describe('what ssh -G prints', () => {
  it('is read, several identity files and all', () => {
    expect(setting()).toMatchObject({
      hostname: '192.168.1.10',
      port: 22,
      user: 'root',
      identityfile: ['~/.ssh/id_rsa', '~/.ssh/id ed25519'],
      identitiesonly: false,
      hostkeyalias: null,
      proxyjump: null,
      kexalgorithms: ['sntrup761x25519-sha512@openssh.com', 'curve25519-sha256', 'ecdh-sha2-nistp256'],
    })
  })

  it('is nothing where it is not the answer of an ssh', () => {
    for (const text of [
      '',
      'usage: ssh',
      captured.replace('port 22', 'port 0'),
      captured.replace('user root\n', ''),
    ])
      expect(parseSshSetting(text)).toBeNull()
  })

  it('has settings that only ssh can follow, each with its clause', () => {
    expect(sshOnly(setting())).toBeNull()
    expect(sshOnly(setting({ pubkeyauthentication: 'no' }))).toMatch(/without keys/)
    expect(sshOnly(setting({ revokedhostkeys: '/x' }))).toMatch(/RevokedHostKeys/)
    expect(sshOnly(setting({ proxyusefdpass: true }))).toMatch(/hands over a socket/)
    expect(sshOnly(setting({ bindinterface: 'en0' }))).toMatch(/which of the addresses/)
  })
})

describe('a path', () => {
  it.each([
    ['~/.ssh/id', '/Users/nnamdi/.ssh/id'],
    ['~', '/Users/nnamdi'],
    [
      '/a/%h/%r@%n:%p/%u-%i/%d/%l.%L/%k',
      '/a/192.168.1.10/root@hinata-z2:22/nnamdi-501//Users/nnamdi/mac.lan.mac/hinata-z2',
    ],
    ['/100%%', '/100%'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: ssh's own way to name a variable
    ['${KEYS}/id', '/keys/id'],
    ['relative', 'relative'],
  ])('%s is expanded as ssh does', (path, expanded) => {
    expect(expandPath(path, tokens, here)).toBe(expanded)
  })

  it.each(['~other/.ssh/id', '/%C/id', '/%', '/%q', '$' + '{UNSET}/id'])(
    '%s is none that could be known',
    (path) => {
      expect(expandPath(path, tokens, here)).toBeNull()
    },
  )

  it('with a percent sign in the home folder keeps it', () => {
    expect(expandPath('~/x', tokens, { ...here, home: '/home/100%d' })).toBe('/home/100%d/x')
  })

  it('among several in one line is found though it holds spaces', () => {
    const there = ['/a b/known hosts', '/c', '/c d']
    const find = (path: string): string | null => (there.includes(path) ? path : null)
    expect(pathsIn('/a b/known hosts /none /c', find)).toEqual(['/a b/known hosts', '/c'])
    expect(pathsIn('/c d', find)).toEqual(['/c d'])
    expect(pathsIn(null, find)).toEqual([])
  })

  it('tokens are replaced once, not again in what they stand for', () => {
    expect(withTokens('%%h %h', { ...tokens, h: '%p' })).toBe('%h %p')
  })
})

const string = (text: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, Buffer.from(text)])
}
const key = (type: string, bytes: string): PublicKey => ({
  type,
  blob: Buffer.concat([string(type), string(bytes)]),
})
const [one, two, rsa] = [key('ssh-ed25519', 'one'), key('ssh-ed25519', 'two'), key('ssh-rsa', 'n')]
const base64 = ({ type, blob }: PublicKey): string => `${type} ${blob.toString('base64')}`

describe('known hosts', () => {
  it('are looked up as ssh does: by alias alone, or by name and port and then by name', () => {
    expect(namesOf(setting())).toEqual(['192.168.1.10'])
    expect(namesOf(setting({ port: 2222 }))).toEqual(['[192.168.1.10]:2222', '192.168.1.10'])
    expect(namesOf(setting({ port: 2222, hostkeyalias: 'z2' }))).toEqual(['z2'])
  })

  it('are read from what ssh-keygen found: markers, hashes and comments; nothing that is no key', () => {
    const out = [
      '# Host z2 found: line 1',
      `z2,192.168.1.10 ${base64(one)} a comment`,
      '# Host z2 found: line 2 REVOKED',
      `@revoked *\t${base64(two)}`,
      '# Host z2 found: line 3 CA',
      `@cert-authority * ${base64(rsa)}`,
      `|1|salt=|hash= ${base64(rsa)}`,
      // an unknown marker, a type that the bytes do not have, no bytes
      `@other z2 ${base64(two)}`,
      `z2 ssh-rsa ${one.blob.toString('base64')}`,
      'z2 ssh-ed25519',
      'z2 1024 65537 1234567890',
    ].join('\n')
    expect(parseFound(out)).toEqual({ keys: [one, rsa], revoked: [two], hasAuthority: true })
    expect(parseFound('')).toEqual({ keys: [], revoked: [], hasAuthority: false })
  })

  it('are compared byte for byte, and revoked comes first', () => {
    const known = { keys: [one, two], revoked: [two], hasAuthority: false }
    expect(judgeHostKey(one.blob, known)).toBe('known')
    expect(judgeHostKey(two.blob, known)).toBe('revoked')
    expect(judgeHostKey(rsa.blob, known)).toBe('changed')
    expect(judgeHostKey(Buffer.concat([one.blob, Buffer.of(0)]), known)).toBe('changed')
    expect(judgeHostKey(Buffer.alloc(0), known)).toBe('changed')
    expect(typeOf(Buffer.of(0, 0, 0, 9, 1))).toBe('')
  })
})

describe('algorithms', () => {
  it("are the person's, as far as ssh2 has them, and host keys only of known types", () => {
    expect(algorithmsFor(setting(), ['ssh-rsa'])).toEqual({
      offer: {
        serverHostKey: ['rsa-sha2-512', 'rsa-sha2-256'],
        kex: ['curve25519-sha256', 'ecdh-sha2-nistp256'],
        cipher: ['aes128-ctr', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
        hmac: ['hmac-sha2-256-etm@openssh.com'],
      },
    })
  })

  it('that ssh2 has not are named', () => {
    expect(algorithmsFor(setting(), ['ssh-dss'])).toEqual({
      lacks: 'ssh is told to use a kind of host key that ssh2 has not',
    })
    expect(algorithmsFor(setting({ macs: ['umac-64@openssh.com'] }), ['ssh-rsa'])).toEqual({
      lacks: 'ssh is told to use a message authentication that ssh2 has not',
    })
  })
})

describe('keys', () => {
  const file = (path: string, open: PublicKey | null, isUsable = true): KeyFile => ({
    path,
    open,
    secret: isUsable ? 'secret' : null,
  })

  it('are offered in the order of ssh: named and held, held, files', () => {
    const files = [file('locked', two, false), file('plain', rsa)]
    expect(identitiesOf([one, two], files, false)).toEqual({ fromAgent: [two, one], fromFiles: [files[1]] })
    expect(identitiesOf([one, two], files, true)).toEqual({ fromAgent: [two], fromFiles: [files[1]] })
  })

  it('that the agent holds are not offered again from their file', () => {
    expect(identitiesOf([rsa], [file('plain', rsa)], true)).toEqual({ fromAgent: [rsa], fromFiles: [] })
  })
})

describe('a proxy', () => {
  const of = (more: Partial<SshSetting>) => proxyOf(setting(more), tokens, 'my config', '/bin/zsh')

  it('is not there where ssh goes directly', () => expect(of({})).toBeNull())

  it.each([
    ['bastion', ['--', 'bastion']],
    ['me@bastion:2222', ['-l', 'me', '-p', '2222', '--', 'bastion']],
    ['me@corp@bastion', ['-l', 'me@corp', '--', 'bastion']],
    ['[fd00::1]:22', ['-p', '22', '--', 'fd00::1']],
    ['ssh://me@bastion:2222', ['-l', 'me', '-p', '2222', '--', 'bastion']],
    ['a,me@b:1,c', ['-J', 'a,me@b:1', '--', 'c']],
  ])('ProxyJump %s is an ssh that forwards its input', (proxyjump, end) => {
    const proxy = of({ proxyjump })
    if (proxy === null || 'lacks' in proxy) throw new Error('no proxy')
    expect(proxy.program).toBe('ssh')
    expect(proxy.words.slice(0, 2)).toEqual(['-F', 'my config'])
    const words = proxy.words.filter((word) => word !== '-W' && word !== '[192.168.1.10]:22')
    expect(words.slice(-end.length)).toEqual(end)
    expect(proxy.words).toContain('[192.168.1.10]:22')
  })

  it("of the person's own runs in the shell of the person, tokens filled in", () => {
    expect(of({ proxycommand: 'nc -x "a b" %h %p 100%%' })).toEqual({
      program: '/bin/zsh',
      words: ['-c', 'exec nc -x "a b" 192.168.1.10 22 100%'],
    })
  })

  it('that only ssh can read is left to ssh', () => {
    const lacks = { lacks: expect.stringMatching(/^only ssh can read the Proxy/) }
    expect(of({ proxyjump: 'a:b:c' })).toEqual(lacks)
    expect(of({ proxycommand: 'nc %q' })).toEqual(lacks)
    expect(of({ proxycommand: 'nc %h', hostname: 'x;rm -rf' })).toEqual(lacks)
    expect(of({ proxycommand: 'nc %h', hostname: '-oProxyCommand=x' })).toEqual(lacks)
  })
})

describe('the staging folder', () => {
  const folder = { mode: 0o040_700, uid: 0 }
  it('lies below the root of the host', () => {
    const config = parseConfig({ hostRoot: '.lab/z2' }, 'test')
    expect(stagingPath(config)).toBe('.lab/z2/mnt/data/hinata/data/.bulma-infra-staging')
    expect(stagingOwners(config, 501)).toEqual([0, 501])
  })

  it("is root's on a real machine", () => {
    expect(stagingOwners(parseConfig({}, 'test'), 501)).toEqual([0])
    expect(folderFault({ ...folder, uid: 501 }, [0])).toBe('belongs to uid 501, not to root')
    expect(folderFault({ ...folder, uid: 501 }, [0, 501])).toBeNull()
  })

  it.each([
    [null, 'is not there'],
    [{ mode: 0o120_777, uid: 0 }, 'is a link'],
    [{ mode: 0o100_600, uid: 0 }, 'is not a folder'],
    [{ mode: 0o041_777, uid: 0 }, 'is open to others (mode 1777)'],
    [{ mode: 0o040_710, uid: 0 }, 'is open to others (mode 0710)'],
  ])('%o is refused', (found, why) => expect(folderFault(found, [0])).toBe(why))

  it('has files replaced and nothing else', () => {
    expect(fileFault(null)).toBeNull()
    expect(fileFault({ mode: 0o100_644, uid: 0 })).toBeNull()
    expect(fileFault({ mode: 0o120_777, uid: 0 })).toBe('is a link')
    expect(fileFault({ mode: 0o010_600, uid: 0 })).toBe('is not a regular file')
  })
})

describe('what a program says', () => {
  it('of an act on Z2 is its last line that is one', () => {
    expect(parseStageReply('Welcome\nbulma-stage ok\n')).toEqual({ ok: true })
    expect(parseStageReply('bulma-stage ok\nbulma-stage no file is a link\n')).toEqual({
      ok: false,
      no: 'file',
      why: 'is a link',
    })
    for (const out of ['', 'bulma-stage', 'bulma-stage no\n', 'bulma-stage no other x\n', 'x bulma-stage ok'])
      expect(parseStageReply(out)).toBeNull()
  })

  it.each([
    [
      'getConnection: All configured authentication methods failed',
      'none of the keys that ssh2 can use was let in',
    ],
    ['Handshake failed: no matching C->S cipher', 'ssh2 and the host have no cipher in common'],
    ['Packet length 1214606444 exceeds max length of 262144', 'something prints into SFTP there'],
    ['getConnection: Connection lost before handshake', 'the connection was cut'],
    ['getConnection: connect ECONNREFUSED 127.0.0.1:22', 'connect ECONNREFUSED 127.0.0.1:22'],
    ['token AAAAAAAAAAAAAAAAAAAAAAAAAAAA\u001b[31m', 'token [MASKED]'],
    ['', 'the connection failed'],
  ])('%s is told in one clause', (said, clause) => expect(lackOf(said)).toBe(clause))
})
