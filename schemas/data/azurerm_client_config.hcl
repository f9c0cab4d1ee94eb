# Who the session is signed in as. Nothing is asked: the token tells.

attributes {
  client_id       = computed(string, predict("{session.client}"))
  object_id       = computed(string, predict("{session.object}"))
  subscription_id = computed(string, predict("{subscription}"))
  tenant_id       = computed(string, predict("{tenant}"))
}
