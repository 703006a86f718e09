import axios from 'axios'

const carrier = axios.create({ baseURL: 'https://carrier.example', timeout: 4000 })

export async function quote(sku: string) {
  const answer = await carrier.get(`/quotes/${sku}`)
  return answer.data
}

export async function rates(sku: string) {
  const response = await fetch(`https://rates.example.com/${sku}`)
  return response.json()
}

export async function stock(sku: string) {
  const response = await fetch(`https://stock.example.com/${sku}`, { signal: AbortSignal.timeout(3000) })
  return response.json()
}
