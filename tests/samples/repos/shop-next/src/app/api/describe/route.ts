import OpenAI from 'openai'

const openai = new OpenAI({ apiKey: 'sk-proj-abcdefghijklmnopqrstuvwxyz012345' })

export async function POST(request: Request) {
  const answer = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: await request.json() })
  return Response.json(answer)
}
