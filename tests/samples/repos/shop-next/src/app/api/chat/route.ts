import { streamText } from 'ai'
import { openai } from '@ai-sdk/openai'
import { ratelimit } from '@/lib/limit'

export async function POST(request: Request) {
  const { success } = await ratelimit.limit('chat')
  if (!success) return new Response('slow down', { status: 429 })
  const result = streamText({ model: openai('gpt-4o-mini'), messages: await request.json() })
  return result.toDataStreamResponse()
}
