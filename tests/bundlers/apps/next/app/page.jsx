// SPDX-License-Identifier: MIT
//
// A picture painted in the visitor's browser.

'use client'

import { useEffect } from 'react'

export default function Page() {
  useEffect(() => {
    import('../page.js')
  }, [])
  return <p>Painting</p>
}
