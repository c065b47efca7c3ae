variable "secret_app_queue" {
  description = "Where the cloud's own store of secrets keeps the whole text of `QUEUE` of `app`: its identifier, never its value"
  type        = string
  nullable    = false
}
