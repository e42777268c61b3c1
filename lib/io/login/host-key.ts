import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type HostKeyJudgement,
  judgeHostKey,
  type KnownHost,
  namesOf,
  parseFound,
  together,
  typeOf,
} from '../../login/ssh-known-host.ts'
import type { SshSetting } from '../../login/ssh-setting.ts'
import { expandPath, type Here, pathsIn, type SshTokens } from '../../login/ssh-token.ts'
import { runChild } from './upload-child.ts'

/** ssh-keygen reads one file */
const limitMs = 10_000

/** What is known of a host's keys, and where it was looked for. */
export type HostKeys = KnownHost & { names: string[]; files: string[] }

/**
 * What ssh knows of the host's keys: `ssh-keygen -F` reads the known_hosts files, hashed entries too.
 * @param project the folder that relative paths count from
 */
export async function findHostKeys(
  setting: SshSetting,
  tokens: SshTokens,
  here: Here,
  project: string,
): Promise<HostKeys> {
  const find = (path: string): string | null =>
    [path, expandPath(path, tokens, here)]
      .filter((each) => each !== null)
      .map((each) => resolve(project, each))
      .find((each) => statSync(each, { throwIfNoEntry: false })?.isFile()) ?? null
  const files = [setting.userknownhostsfile, setting.globalknownhostsfile].flatMap((line) =>
    pathsIn(line, find),
  )
  const names = namesOf(setting)
  const found = await Promise.all(
    names.map(async (name) => together(await Promise.all(files.map((file) => ask(name, file))))),
  )
  const first = found.find(({ keys, hasAuthority }) => keys.length > 0 || hasAuthority)
  return {
    keys: first?.keys ?? [],
    hasAuthority: first?.hasAuthority ?? false,
    // a revoked key is refused by whichever name
    revoked: found.flatMap(({ revoked }) => revoked),
    names,
    files,
  }
}

const ask = async (name: string, file: string): Promise<KnownHost> => {
  // a name is never an option: the configuration's aliases cannot begin with a hyphen, but a HostName could
  const end = await runChild('ssh-keygen', [`-F${name}`, '-f', file], { cwd: '/', limitMs })
  return parseFound(end.out)
}

/** A host key that must not be believed; never a reason to try another way. */
export class WrongHostKey extends Error {
  override name = 'WrongHostKey'
  readonly judgement: HostKeyJudgement
  /** the key, as ssh shows it; empty when the host had none of a known kind to show */
  readonly shown: string

  constructor(judgement: HostKeyJudgement, shown: string) {
    super(`the host key is ${judgement}`)
    this.judgement = judgement
    this.shown = shown
  }
}

/** For ssh2's `hostVerifier`: a key that is not believed is told to `refused`. */
export const verifierOf =
  (known: KnownHost, refused: (why: WrongHostKey) => void) =>
  (key: Buffer): boolean => {
    const judgement = judgeHostKey(key, known)
    if (judgement === 'known') return true
    refused(new WrongHostKey(judgement, fingerprint(key)))
    return false
  }

const fingerprint = (key: Buffer): string =>
  `${typeOf(key)} SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
