module local/toolchain/scaleway-provider

go 1.26.0

require github.com/scaleway/terraform-provider-scaleway/v2 v2.80.0
