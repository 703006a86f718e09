export function withAuth(handler: (request: Request) => Promise<Response>) {
  return async (request: Request) => {
    if (!request.headers.get('cookie')) return new Response('sign in', { status: 401 })
    return handler(request)
  }
}
