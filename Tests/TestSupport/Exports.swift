// Test files write `import TestSupport` and see all of it; the battery, which is no test, imports `Proving` alone.
@_exported public import Proving
