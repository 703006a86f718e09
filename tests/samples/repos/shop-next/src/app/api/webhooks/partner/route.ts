import { receive } from '@quay/partner-sdk'

export const POST = receive()
