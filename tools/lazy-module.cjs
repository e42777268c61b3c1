// What the Pulumi SDK loads at its start only to turn functions of a program into text, which this program has none of:
// 0.2 s of every preview. They are loaded at their first use instead, and only the SDK's own requests for them are changed.
const Module = require('node:module')

const rarelyUsed = new Set(['@npmcli/arborist', 'normalize-package-data', 'typescript'])
const load = Module._load

Module._load = function lazily(request, parent, isMain) {
  const isLate = rarelyUsed.has(request) && /[\\/]@pulumi[\\/]pulumi[\\/]/.test(parent?.filename ?? '')
  if (!isLate) return load.call(this, request, parent, isMain)
  require.resolve(request, { paths: [parent.path] }) // one that is not there is missed at once, as the SDK expects
  return onDemand(() => load.call(this, request, parent, isMain))
}

/** A module that is loaded when something of it is asked for. It looks like one of ES, so that no helper of TypeScript's copies it. */
function onDemand(real) {
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === '__esModule') return true
        const found = real()
        return name === 'default' && !found.__esModule ? found : found[name]
      },
      has: (_, name) => name in real(),
    },
  )
}
