'use client'

import { useEffect, useState } from 'react'

export default function CartPage() {
  const [cart, setCart] = useState(null)
  useEffect(() => {
    fetch('https://cart.example.com/mine').then((response) => response.json()).then(setCart)
  }, [])
  return <pre>{JSON.stringify(cart)}</pre>
}
