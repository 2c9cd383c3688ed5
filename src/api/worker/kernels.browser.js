// SPDX-License-Identifier: MIT
//
// The kernels' texts in a browser. A module of its own, loaded when a graphics card is to be used: bundlers put small
// files into the module that names them.

/** @param {string} file @returns {Promise<string>} */
export async function readKernel(file) {
  const response = await fetch(new URL(`../../gpu/kernels/${file}.wgsl`, import.meta.url))
  if (!response.ok) throw new Error(`${file}.wgsl answered ${response.status}`)
  return response.text()
}
