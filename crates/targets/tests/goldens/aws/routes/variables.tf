variable "secret_back_other" {
  description = "Where the cloud's own store of secrets keeps the whole text of `OTHER` of `back`: its identifier, never its value"
  type        = string
  nullable    = false
}

variable "secret_back_self" {
  description = "Where the cloud's own store of secrets keeps the whole text of `SELF` of `back`: its identifier, never its value"
  type        = string
  nullable    = false
}
