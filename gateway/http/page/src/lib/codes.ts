// The code words that are chosen from at the desks; no free text gets into an event. Each has its
// word in i18n/.

/** Why an agent is not ready. */
export const notReadyReasons = ['break', 'lunch', 'training', 'meeting', 'paperwork', 'technical']

/** How a contact ended. */
export const dispositions = [
  'solved',
  'passed_on',
  'call_agreed',
  'unsolved',
  'wrong_place',
  'caller_gone',
]

/** What a person may be promised. */
export const promiseKinds = ['callback', 'update', 'refund', 'date']

/** Until when, in seconds. */
export const promiseTimes = [1800, 3600, 14_400, 86_400, 172_800]

/** Why a supervisor did something about others. */
export const supervisorReasons = [
  'overload',
  'too_long',
  'forgotten',
  'agent_asked',
  'customer_asked',
  'shift_over',
  'coaching',
  'emergency',
  'mistake',
]

/** What fields in clear are needed for, and which ones: actors/registration/tables/forms.cpp. */
export const revealPurposes: Record<string, string[]> = {
  dial: ['name', 'phone', 'other_phone'],
  visit: ['name', 'phone', 'other_phone', 'address', 'division'],
  delivery: ['name', 'phone', 'other_phone', 'address', 'division'],
  verify: ['name', 'document_kind', 'document_number', 'birthday'],
  contract: [
    ...['name', 'document_kind', 'document_number', 'phone', 'other_phone', 'address'],
    ...['division', 'customer_number'],
    ...['proxy_name', 'proxy_document_kind', 'proxy_document_number'],
  ],
}

export const channels = ['phone', 'chat', 'web', 'kiosk', 'counter'] as const
