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
  ENOTDIR: 'the folder is not a folder',
  EEXIST: 'the folder is not a folder',
  ELOOP: 'it is a link',
}

/** A history that cannot be read or written. The looks themselves need none. */
export function historyProblem(what: 'read' | 'write', path: string, error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, message } = error as NodeJS.ErrnoException
  const folder = pathInCommand(dirname(path))
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new Problem(
    {
      what: `cannot ${what} the history ${path}`,
      why: (code !== undefined && reasons[code]) || message,
      next: isFull ? `df -h ${folder}` : `ls -la ${folder}`,
      left: 'the history is as it was before',
    },
    exitCode.failed,
  )
}
