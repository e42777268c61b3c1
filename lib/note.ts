import type * as z from 'zod/mini'

/** A small file of ours, as a look finds it. What cannot be read is said so and never taken for absent. */
export type Noted<T> = { state: 'absent' } | { state: 'here'; value: T } | { state: 'broken'; why: string }

/**
 * A value in the form that was agreed on.
 * @throws Error whose message names the first field that is wrong, and never quotes what stands in it
 */
export function readNote<T extends z.ZodMiniType>(form: T, value: unknown): z.infer<T> {
  const result = form.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const field = issue?.path.join('.') ?? ''
  throw new Error(field ? `${field} ${reason(issue?.message)}` : 'it is not a JSON object')
}

/** The same for a file that may be absent, or broken already before anybody asked for its form. */
export function noted<T>(
  { state, why, value }: { state: Noted<T>['state']; why?: unknown; value?: unknown },
  parse: (value: unknown) => T,
): Noted<T> {
  if (state === 'absent') return { state }
  if (state === 'broken') return { state, why: typeof why === 'string' ? why : 'it cannot be read' }
  try {
    return { state: 'here', value: parse(value) }
  } catch (error) {
    return { state: 'broken', why: (error as Error).message }
  }
}

const reason = (message: string | undefined): string =>
  message && !/^Invalid input/.test(message) ? message : 'is missing or has another type'
