export async function broken(request: Request {
  const half =
