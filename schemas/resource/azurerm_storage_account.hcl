# A storage account (the account itself; its services' settings are not modelled).

type      = "Microsoft.Storage/storageAccounts"
api       = "2023-05-01"
version   = 4
timeouts  = { create = "60m", delete = "60m", update = "60m" }
id        = "/subscriptions/{subscription}/resourceGroups/{resource_group_name}/providers/Microsoft.Storage/storageAccounts/{name}"
transform = "storage_sku"
also_post = ["listKeys"]
readonly = [
  "properties.primaryEndpoints",
  "properties.secondaryEndpoints",
  "properties.primaryLocation",
  "properties.secondaryLocation",
  "properties.statusOfPrimary",
  "properties.statusOfSecondary",
  "properties.creationTime",
  "properties.keyCreationTime",
  "properties.privateEndpointConnections",
  "properties.lastGeoFailoverTime",
  "properties.geoReplicationStats",
  "properties.failoverInProgress",
  "sku.tier",
]

attributes {
  name                = required(string, force_new)
  resource_group_name = required(string, force_new)
  location            = required(string, force_new, at("location"))
  access_tier         = optional(string, computed, one_of("Cold", "Cool", "Hot", "Premium", "Smart"), at("properties.accessTier"))
  account_kind = optional(
    string, default("StorageV2"), one_of("BlobStorage", "BlockBlobStorage", "FileStorage", "Storage", "StorageV2"), at("kind"),
    replace_unless("Storage -> StorageV2", "BlobStorage -> StorageV2")
  )
  account_replication_type         = required(string, one_of("LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"), at("sku.replication"))
  account_tier                     = required(string, force_new, one_of("Premium", "Standard"), at("sku.tier"))
  allowed_copy_scope               = optional(string, one_of("AAD", "All", "PrivateLink"), at("properties.allowedCopyScope"))
  cross_tenant_replication_enabled = optional(bool, default(false), at("properties.allowCrossTenantReplication"))
  default_to_oauth_authentication  = optional(bool, default(false), at("properties.defaultToOAuthAuthentication"))
  dns_endpoint_type                = optional(string, force_new, default("Standard"), one_of("Standard", "AzureDnsZone"), at("properties.dnsEndpointType"))
  edge_zone                        = optional(string, force_new, at("extendedLocation"), edge_zone, same(location))
  https_traffic_only_enabled       = optional(bool, default(true), at("properties.supportsHttpsTrafficOnly"))
  infrastructure_encryption_enabled = optional(bool, force_new, default(false), at("properties.encryption.requireInfrastructureEncryption"), omit(false))
  is_hns_enabled           = optional(bool, force_new, default(false), at("properties.isHnsEnabled"))
  large_file_share_enabled = optional(bool, computed, at("properties.largeFileSharesState"), words("Enabled", "Disabled"))
  local_user_enabled       = optional(bool, default(true), at("properties.isLocalUserEnabled"))
  nfsv3_enabled            = optional(bool, force_new, default(false), at("properties.isNfsV3Enabled"))
  primary_access_key       = computed(string, sensitive, at("/$extra.listKeys.keys[0].value"))
  primary_blob_connection_string = computed(
    string, sensitive, predict("DefaultEndpointsProtocol=https;BlobEndpoint={primary_blob_endpoint};AccountName={name};AccountKey={primary_access_key}")
  )
  primary_blob_endpoint           = computed(string, at("properties.primaryEndpoints.blob"))
  primary_blob_host               = computed(string, at("properties.primaryEndpoints.blob"), host)
  primary_blob_internet_endpoint  = computed(string, at("properties.primaryEndpoints.internetEndpoints.blob"))
  primary_blob_internet_host      = computed(string, at("properties.primaryEndpoints.internetEndpoints.blob"), host)
  primary_blob_microsoft_endpoint = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.blob"))
  primary_blob_microsoft_host     = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.blob"), host)
  primary_connection_string = computed(
    string, sensitive, predict("DefaultEndpointsProtocol=https;AccountName={name};AccountKey={primary_access_key};EndpointSuffix=core.windows.net")
  )
  primary_dfs_endpoint              = computed(string, at("properties.primaryEndpoints.dfs"))
  primary_dfs_host                  = computed(string, at("properties.primaryEndpoints.dfs"), host)
  primary_dfs_internet_endpoint     = computed(string, at("properties.primaryEndpoints.internetEndpoints.dfs"))
  primary_dfs_internet_host         = computed(string, at("properties.primaryEndpoints.internetEndpoints.dfs"), host)
  primary_dfs_microsoft_endpoint    = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.dfs"))
  primary_dfs_microsoft_host        = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.dfs"), host)
  primary_file_endpoint             = computed(string, at("properties.primaryEndpoints.file"))
  primary_file_host                 = computed(string, at("properties.primaryEndpoints.file"), host)
  primary_file_internet_endpoint    = computed(string, at("properties.primaryEndpoints.internetEndpoints.file"))
  primary_file_internet_host        = computed(string, at("properties.primaryEndpoints.internetEndpoints.file"), host)
  primary_file_microsoft_endpoint   = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.file"))
  primary_file_microsoft_host       = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.file"), host)
  primary_location                  = computed(string, at("properties.primaryLocation"))
  primary_queue_endpoint            = computed(string, at("properties.primaryEndpoints.queue"))
  primary_queue_host                = computed(string, at("properties.primaryEndpoints.queue"), host)
  primary_queue_microsoft_endpoint  = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.queue"))
  primary_queue_microsoft_host      = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.queue"), host)
  primary_table_endpoint            = computed(string, at("properties.primaryEndpoints.table"))
  primary_table_host                = computed(string, at("properties.primaryEndpoints.table"), host)
  primary_table_microsoft_endpoint  = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.table"))
  primary_table_microsoft_host      = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.table"), host)
  primary_web_endpoint              = computed(string, at("properties.primaryEndpoints.web"))
  primary_web_host                  = computed(string, at("properties.primaryEndpoints.web"), host)
  primary_web_internet_endpoint     = computed(string, at("properties.primaryEndpoints.internetEndpoints.web"))
  primary_web_internet_host         = computed(string, at("properties.primaryEndpoints.internetEndpoints.web"), host)
  primary_web_microsoft_endpoint    = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.web"))
  primary_web_microsoft_host        = computed(string, at("properties.primaryEndpoints.microsoftEndpoints.web"), host)
  provisioned_billing_model_version = optional(string, force_new, one_of("V2"), unsupported)
  public_network_access_enabled     = optional(bool, default(true), at("properties.publicNetworkAccess"), words("Enabled", "Disabled"))
  queue_encryption_key_type = optional(string, force_new, default("Service"), one_of("Account", "Service"), at("properties.encryption.services.queue.keyType"))
  secondary_access_key = computed(string, sensitive, at("/$extra.listKeys.keys[keyName=key2].value"))
  secondary_blob_connection_string = computed(
    string, sensitive,
    predict("DefaultEndpointsProtocol=https;BlobEndpoint={secondary_blob_endpoint};AccountName={name};AccountKey={secondary_access_key}")
  )
  secondary_blob_endpoint           = computed(string, at("properties.secondaryEndpoints.blob"))
  secondary_blob_host               = computed(string, at("properties.secondaryEndpoints.blob"), host)
  secondary_blob_internet_endpoint  = computed(string, at("properties.secondaryEndpoints.internetEndpoints.blob"))
  secondary_blob_internet_host      = computed(string, at("properties.secondaryEndpoints.internetEndpoints.blob"), host)
  secondary_blob_microsoft_endpoint = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.blob"))
  secondary_blob_microsoft_host     = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.blob"), host)
  secondary_connection_string = computed(
    string, sensitive, predict("DefaultEndpointsProtocol=https;AccountName={name};AccountKey={secondary_access_key};EndpointSuffix=core.windows.net")
  )
  secondary_dfs_endpoint             = computed(string, at("properties.secondaryEndpoints.dfs"))
  secondary_dfs_host                 = computed(string, at("properties.secondaryEndpoints.dfs"), host)
  secondary_dfs_internet_endpoint    = computed(string, at("properties.secondaryEndpoints.internetEndpoints.dfs"))
  secondary_dfs_internet_host        = computed(string, at("properties.secondaryEndpoints.internetEndpoints.dfs"), host)
  secondary_dfs_microsoft_endpoint   = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.dfs"))
  secondary_dfs_microsoft_host       = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.dfs"), host)
  secondary_file_endpoint            = computed(string, at("properties.secondaryEndpoints.file"))
  secondary_file_host                = computed(string, at("properties.secondaryEndpoints.file"), host)
  secondary_file_internet_endpoint   = computed(string, at("properties.secondaryEndpoints.internetEndpoints.file"))
  secondary_file_internet_host       = computed(string, at("properties.secondaryEndpoints.internetEndpoints.file"), host)
  secondary_file_microsoft_endpoint  = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.file"))
  secondary_file_microsoft_host      = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.file"), host)
  secondary_location                 = computed(string, at("properties.secondaryLocation"))
  secondary_queue_endpoint           = computed(string, at("properties.secondaryEndpoints.queue"))
  secondary_queue_host               = computed(string, at("properties.secondaryEndpoints.queue"), host)
  secondary_queue_microsoft_endpoint = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.queue"))
  secondary_queue_microsoft_host     = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.queue"), host)
  secondary_table_endpoint           = computed(string, at("properties.secondaryEndpoints.table"))
  secondary_table_host               = computed(string, at("properties.secondaryEndpoints.table"), host)
  secondary_table_microsoft_endpoint = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.table"))
  secondary_table_microsoft_host     = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.table"), host)
  secondary_web_endpoint             = computed(string, at("properties.secondaryEndpoints.web"))
  secondary_web_host                 = computed(string, at("properties.secondaryEndpoints.web"), host)
  secondary_web_internet_endpoint    = computed(string, at("properties.secondaryEndpoints.internetEndpoints.web"))
  secondary_web_internet_host        = computed(string, at("properties.secondaryEndpoints.internetEndpoints.web"), host)
  secondary_web_microsoft_endpoint   = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.web"))
  secondary_web_microsoft_host       = computed(string, at("properties.secondaryEndpoints.microsoftEndpoints.web"), host)
  sftp_enabled                       = optional(bool, default(false), at("properties.isSftpEnabled"))
  shared_access_key_enabled          = optional(bool, default(true), at("properties.allowSharedKeyAccess"))
  table_encryption_key_type = optional(string, force_new, default("Service"), one_of("Account", "Service"), at("properties.encryption.services.table.keyType"))
  tags = optional(map(string), at("tags"))

  block "azure_files_authentication" {
    self = optional(list, max(1))
    default_share_level_permission = optional(
      string, default("None"),
      one_of("None", "StorageFileDataSmbShareContributor", "StorageFileDataSmbShareElevatedContributor", "StorageFileDataSmbShareReader")
    )
    directory_type = required(string, one_of("AADDS", "AADKERB", "AD"))

    block "active_directory" {
      self                = optional(list, computed, max(1))
      domain_guid         = required(string)
      domain_name         = required(string)
      domain_sid          = optional(string)
      forest_name         = optional(string)
      netbios_domain_name = optional(string)
      storage_sid         = optional(string)
    }
  }

  block "blob_properties" {
    self                          = optional(list, computed, max(1))
    change_feed_enabled           = optional(bool, default(false))
    change_feed_retention_in_days = optional(int, range(1, 146000))
    default_service_version = optional(
      string, computed,
      one_of("2008-10-27", "2009-04-14", "2009-07-17", "2009-09-19", "2011-08-28", "2012-02-12", "2013-08-15", "2014-02-14", "2015-02-21", "2015-04-05",
        "2015-07-08", "2015-12-11", "2016-05-31", "2017-04-17", "2017-07-29", "2017-11-09", "2018-03-28", "2018-11-09", "2019-02-02", "2019-07-07",
        "2019-12-12", "2020-02-10", "2020-04-08", "2020-06-12", "2023-11-03", "2020-10-02", "2020-12-06", "2021-02-12", "2021-04-10", "2021-06-08",
        "2021-08-06", "2021-10-04", "2021-12-02", "2022-11-02", "2023-01-03")
    )
    last_access_time_enabled = optional(bool, default(false))
    versioning_enabled       = optional(bool, default(false))

    block "container_delete_retention_policy" {
      self = optional(list, max(1))
      days = optional(int, default(7), range(1, 365))
    }

    block "cors_rule" {
      self               = optional(list, max(5))
      allowed_headers    = required(list(string), min(1), max(64))
      allowed_methods    = required(list(string), items("DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH"), max(64))
      allowed_origins    = required(list(string), max(64))
      exposed_headers    = required(list(string), min(1), max(64))
      max_age_in_seconds = required(int, range(0, 2000000000))
    }

    block "delete_retention_policy" {
      self                     = optional(list, max(1))
      days                     = optional(int, default(7), range(1, 365))
      permanent_delete_enabled = optional(bool, default(false))
    }

    block "restore_policy" {
      self = optional(list, max(1), required_with("blob_properties.0.delete_retention_policy"))
      days = required(int, range(1, 365))
    }
  }

  block "custom_domain" {
    self          = optional(list, max(1), at("properties.customDomain"))
    name          = required(string, at("name"))
    use_subdomain = optional(bool, default(false), at("useSubDomainName"))
  }

  block "customer_managed_key" {
    self                      = optional(list, max(1))
    user_assigned_identity_id = required(string)

    v4 {
      key_vault_key_id = optional(string, computed, exactly_one_of("customer_managed_key.0.managed_hsm_key_id", "customer_managed_key.0.key_vault_key_id"))
      managed_hsm_key_id = optional(
        string, computed, exactly_one_of("customer_managed_key.0.managed_hsm_key_id", "customer_managed_key.0.key_vault_key_id"),
        deprecated("It is gone in azurerm 5.0.")
      )
    }

    v5 {
      key_vault_key_id = required(string)
    }
  }

  block "identity" {
    self         = optional(list, max(1), at("identity"), unless("type", "None"))
    identity_ids = optional(set(string), at("userAssignedIdentities"), keys)
    principal_id = computed(string, at("principalId"), changes_with("type"))
    tenant_id    = computed(string, at("tenantId"), changes_with("type"))
    type         = required(string, one_of("UserAssigned", "SystemAssigned", "SystemAssigned, UserAssigned"), at("type"))
  }

  block "immutability_policy" {
    self                          = optional(list, force_new, max(1))
    allow_protected_append_writes = required(bool)
    period_since_creation_in_days = required(int)
    state                         = required(string, one_of("Disabled", "Locked", "Unlocked"))
  }

  block "network_rules" {
    self                       = optional(list, computed, max(1), at("properties.networkAcls"))
    bypass                     = optional(set(string), computed, items("AzureServices", "Logging", "Metrics", "None"), at("bypass"), joined)
    default_action             = required(string, one_of("Allow", "Deny"), at("defaultAction"))
    ip_rules                   = optional(set(string), computed, at("ipRules[].value"))
    virtual_network_subnet_ids = optional(set(string), computed, at("virtualNetworkRules[].id"))

    block "private_link_access" {
      self                 = optional(list, at("resourceAccessRules[]"))
      endpoint_resource_id = required(string, at("resourceId"))
      endpoint_tenant_id   = optional(string, computed, at("tenantId"), predict("{tenant}"))
    }
  }

  block "routing" {
    self                        = optional(list, computed, max(1), at("properties.routingPreference"))
    choice                      = optional(string, default("MicrosoftRouting"), one_of("InternetRouting", "MicrosoftRouting"), at("routingChoice"))
    publish_internet_endpoints  = optional(bool, default(false), at("publishInternetEndpoints"))
    publish_microsoft_endpoints = optional(bool, default(false), at("publishMicrosoftEndpoints"))
  }

  block "sas_policy" {
    self              = optional(list, min(1), max(1), at("properties.sasPolicy"))
    expiration_action = optional(string, default("Log"), one_of("Block", "Log"), at("expirationAction"))
    expiration_period = required(string, at("sasExpirationPeriod"))
  }

  block "share_properties" {
    self = optional(list, computed, max(1))

    block "cors_rule" {
      self               = optional(list, max(5))
      allowed_headers    = required(list(string), min(1), max(64))
      allowed_methods    = required(list(string), items("DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH"), max(64))
      allowed_origins    = required(list(string), max(64))
      exposed_headers    = required(list(string), min(1), max(64))
      max_age_in_seconds = required(int, range(0, 2000000000))
    }

    block "retention_policy" {
      self = optional(list, max(1))
      days = optional(int, default(7), range(1, 365))
    }

    block "smb" {
      self                            = optional(list, max(1))
      authentication_types            = optional(set(string), items("Kerberos", "NTLMv2"))
      channel_encryption_type         = optional(set(string), items("AES-128-CCM", "AES-128-GCM", "AES-256-GCM"))
      kerberos_ticket_encryption_type = optional(set(string), items("AES-256", "RC4-HMAC"))
      multichannel_enabled            = optional(bool, default(false))
      versions                        = optional(set(string), items("SMB2.1", "SMB3.0", "SMB3.1.1"))
    }
  }

  v4 {
    allow_nested_items_to_be_public = optional(bool, default(true), at("properties.allowBlobPublicAccess"))
    min_tls_version                 = optional(string, default("TLS1_2"), one_of("TLS1_0", "TLS1_1", "TLS1_2"), at("properties.minimumTlsVersion"))
    block "queue_properties" {
      self = optional(list, computed, max(1), deprecated("It is gone in azurerm 5.0."))

      block "cors_rule" {
        self               = optional(list, max(5))
        allowed_headers    = required(list(string), min(1), max(64))
        allowed_methods    = required(list(string), items("DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT"), max(64))
        allowed_origins    = required(list(string), max(64))
        exposed_headers    = required(list(string), min(1), max(64))
        max_age_in_seconds = required(int, range(0, 2000000000))
      }

      block "hour_metrics" {
        self                  = optional(list, computed, max(1))
        enabled               = required(bool)
        include_apis          = optional(bool)
        retention_policy_days = optional(int, range(1, 365))
        version               = required(string)
      }

      block "logging" {
        self                  = optional(list, computed, max(1))
        delete                = required(bool)
        read                  = required(bool)
        retention_policy_days = optional(int, range(1, 365))
        version               = required(string)
        write                 = required(bool)
      }

      block "minute_metrics" {
        self                  = optional(list, computed, max(1))
        enabled               = required(bool)
        include_apis          = optional(bool)
        retention_policy_days = optional(int, range(1, 365))
        version               = required(string)
      }
    }
    block "static_website" {
      self               = optional(list, computed, max(1), deprecated("It is gone in azurerm 5.0."))
      error_404_document = optional(string)
      index_document     = optional(string)
    }
  }

  v5 {
    allow_nested_items_to_be_public = optional(bool, default(false), at("properties.allowBlobPublicAccess"))
    min_tls_version                 = optional(string, default("TLS1_2"), one_of("TLS1_2"), at("properties.minimumTlsVersion"))
  }
}
