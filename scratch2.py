import lib; from lib import *
f=F("scratch-temp",{"roles":{"organization":ORG},"allow":[allow("t","ownership.transfer","owner","owner","owner")]},org(None,"own owner\nadm admin,owner@02-01\nbob member"))
f.case("a","R1",q("adm","ownership.transfer",no(rs("not_permitted"),None),target="bob",role="owner")); f.case("b","R1"); f.save()
f=F("scratch-twice",{"roles":{"organization":ORG},"invitations":{"approval":True},"allow":[allow("managers","invitation.*",{"role":["owner","admin"]},"*")]},
 org(None,"own owner\nbob member",[inv("link",None,{"acme":"admin"},"own",open={"uses":5},token_hash="aa")]))
f.case("a","R1",q("bob","invitation.accept",no(rs("not_permitted"),None),invitation="link",token_hash="aa")); f.case("b","R1"); f.save()
