// How the engine writes a secret and a value that is not known yet into a message to a provider.
// https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
const signatureKey = '4dabf18193072939515e22adb298388d'
const secretSignature = '1b47061264138c4ac30d75fd1eb44270'
const unknownValues = new Set([
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
])

type Plain = Record<string, unknown>
const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSecret = (value: unknown): value is { value: unknown } =>
  isObject(value) && value[signatureKey] === secretSignature

/** True where the value, or a part of it, is only known once another resource is done (in a preview). */
export function isUnknown(value: unknown): boolean {
  if (typeof value === 'string') return unknownValues.has(value)
  if (Array.isArray(value)) return value.some(isUnknown)
  return isObject(value) && Object.values(value).some(isUnknown)
}

/** True where the value, or a part of it, is marked as a secret. */
export function hasSecret(value: unknown): boolean {
  if (isSecret(value)) return true
  if (Array.isArray(value)) return value.some(hasSecret)
  return isObject(value) && Object.values(value).some(hasSecret)
}

/** The value without its marks, at every depth. */
export function revealed(value: unknown): unknown {
  if (isSecret(value)) return revealed(value.value)
  if (Array.isArray(value)) return value.map(revealed)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]))
}

/** The value, marked as a secret. */
export const concealed = (value: unknown): Plain => ({ [signatureKey]: secretSignature, value })
