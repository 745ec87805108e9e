"""What of the counts may be shown: small ones hidden, few cases not ranked, and the tables written."""
