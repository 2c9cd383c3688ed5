// SPDX-License-Identifier: MIT
//
// What TypeScript sees of the worker's script: it is started by its address, and exports nothing.

export {}
