// What the Pulumi SDK loads at its start and most runs never use: to turn functions of a program into text, to drive an engine
// from a program, to send traces. 0.3 s of every preview. It is loaded at its first use instead, and only the SDK's own
// requests for it are changed. Nobody ever uses what source-map-support/register gives, so it is never loaded: it would read the
// source maps of the SDK, to tell a stack's lines in a language that nobody here has the text of.
const Module = require('node:module')

const rarelyUsed = new Set([
  './automation',
  '@npmcli/arborist',
  '@opentelemetry/exporter-zipkin',
  '@opentelemetry/instrumentation',
  '@opentelemetry/instrumentation-grpc',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/sdk-trace-node',
  'normalize-package-data',
  'source-map-support/register',
  'typescript',
])
const load = Module._load

Module._load = function lazily(request, parent, isMain) {
  const isLate = rarelyUsed.has(request) && /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? '')
  if (!isLate) return load.call(this, request, parent, isMain)
  require.resolve(request, { paths: [parent.path] }) // one that is not there is missed at once, as the SDK expects
  return onDemand(() => load.call(this, request, parent, isMain), parent.filename)
}

/** A module that is loaded when something of it is asked for. It looks like one of ES, so that no helper of TypeScript's copies it. */
function onDemand(real, by) {
  const isTaken = /[\\/]cmd[\\/]run[\\/]\w+\.js$/.test(by)
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === '__esModule') return true
        if (isTaken) return member(real, name)
        const found = real()
        return name === 'default' && !found.__esModule ? found : found[name]
      },
      has: (_, name) => name in real(),
    },
  )
}

/** A function or class of such a module, which is taken out of it at once and called when it is needed. */
function member(real, name) {
  return new Proxy(class {}, {
    apply: (_, that, args) => Reflect.apply(real()[name], that, args),
    construct: (_, args) => Reflect.construct(real()[name], args),
    get: (_, key) => real()[name][key],
  })
}
