import litellm

answer = litellm.completion("gpt-4o", [{"role": "user", "content": "hi"}], mock_response="hello there")
print("answer:", answer.choices[0].message.content)
print("tokens:", litellm.token_counter("gpt-4o", text="hello there"), litellm.get_max_tokens("gpt-4o") > 0)
