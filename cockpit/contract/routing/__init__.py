"""Who an alert reaches, as far as files tell: what is known of its labels, and what a route asks of them."""
