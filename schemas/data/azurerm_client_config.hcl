# Who the session is signed in as. Nothing is asked: the token tells.

terraform_id = "clientConfigs/clientId={client_id};objectId={object_id};subscriptionId={subscription_id};tenantId={tenant_id}"

attributes {
  client_id       = computed(string, predict("{session.client}"))
  object_id       = computed(string, predict("{session.object}"))
  subscription_id = computed(string, predict("{subscription}"))
  tenant_id       = computed(string, predict("{tenant}"))
}
