import boto3
from botocore.exceptions import EndpointConnectionError
from botocore.config import Config

client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
                      endpoint_url="http://127.0.0.1:9", config=Config(retries={"max_attempts": 0}))
try:
    client.list_buckets()
except EndpointConnectionError:
    print("refused; paginators:", client.can_paginate("list_objects_v2"))
