# What stops a verb at the checkpoint, or what its people have to know beside its verdicts. English and Chinese stand
# on one line, in this order.

not_provisioned = { $path }: no scanner is set up here yet. Set it up first: `freightpass sync --folder { $path } --provision FILE`, where FILE is the provisioning file of the deployment.
other_provision = { $path } is provisioned for another deployment or other roots: use another folder, or remove this one if the scanner is to be set up anew.
busy = { $path } is being changed by another program: wait until it is done.
damaged = { $path } is damaged ({ $malformed }): remove it and provision the scanner again.
no_provisioning_file = { $path } is no provisioning file ({ $malformed }).
not_confirmed = not confirmed: synchronise first.
nothing_to_scan = nothing to scan in it.
no_such_picture = no such picture.
neither = neither a file nor a folder.
not_remembered = what was admitted is not remembered: { $path }: { $why }.
no_place = { $text } is no place: { $why }.
no_plate = { $text } is no plate: { $why }.
no_time = { $text } is no time: { $why }.
no_server = no server runs on { $data } ({ $file }): start `freightpass serve --data { $data }`, or name one with --server.
no_connection = cannot connect to { $url }: { $cause }. Is `freightpass serve` running there?
silent = the server at { $url } does not answer within { $seconds } s.
not_fetched = nothing could be fetched from { $url }: { $why }.
not_renewed = the data at this scanner is no longer renewed. Scans go on with the data held, whose age is told. Tell the operator of the service.
