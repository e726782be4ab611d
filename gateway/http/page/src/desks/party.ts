import { ref } from 'vue'

/** Whose a contact is, as far as this desk was told. */
export const partyIn = ref<Record<string, string>>({})

export function rememberParty(contact: string, party: string): void {
  partyIn.value = { ...partyIn.value, [contact]: party }
}
