import { dirname } from 'node:path'
import { exitCode } from '../../exit-code.ts'
import { Problem } from '../../problem.ts'
import { pathInCommand } from '../../quote.ts'

const reasons: Record<string, string> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'the disk answers with an error',
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'the folder is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link',
  EEXIST: 'another exchange is under way',
}

/** What the system said about a file, in words; anything else but an error of the system is thrown again, since it is a bug. */
export function diskReason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (typeof code !== 'string' || !/^E[A-Z0-9]+$/.test(code)) throw error
  return reasons[code] ?? code
}

/** A file that could not be written or removed. What was there before is there still. */
export function diskProblem(what: 'write' | 'remove' | 'read', path: string, error: unknown): Problem {
  if (error instanceof Problem) return error
  const folder = pathInCommand(dirname(path))
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  return new Problem(
    {
      what: `cannot ${what} ${path}`,
      why: diskReason(error),
      next: isFull ? `df -h ${folder}` : `ls -la ${folder}`,
      left: `${path} is as it was before`,
    },
    exitCode.failed,
  )
}

/** Something in the place of one of our private files or folders that we will not touch. */
export const refusal = (path: string, why: string): Problem =>
  new Problem(
    {
      what: `${path} is not safe to use`,
      why: `it ${why}; tokens are kept only in files and folders of your own`,
      next: `ls -ld ${pathInCommand(path)}`,
      left: 'nothing was written',
    },
    exitCode.failed,
  )
