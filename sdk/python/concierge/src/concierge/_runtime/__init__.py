"""What the generated code stands on: transport, sign-in, signing, retries, errors. The same in every package, and of
the standard library alone.

    client, aclient    carry out plans, waiting or awaiting
    call               one call, from its arguments to its answer: a plan of steps
    operation, codec   what the document says, compiled when it is first needed
    authority, session who calls: tokens and credentials, fetched and renewed
    transport          connections
"""
